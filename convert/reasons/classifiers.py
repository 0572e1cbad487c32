"""Classifiers that are no networks, on embeddings."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from convert.reasons.approach import Svm, Xgboost


class Classifier:
    """Learns from (pieces, values) and classes (pieces,); on one thread."""

    def __init__(
        self, settings: Svm | Xgboost, x: NDArray[np.float32], y: NDArray[np.intp], seed: int
    ) -> None:
        # Trees want classes without a gap; one may be missing in a training by baby.
        self._known, numbered = np.unique(y, return_inverse=True)
        estimator = _svm(settings) if isinstance(settings, Svm) else _xgboost(settings, seed)
        self._fitted = estimator.fit(x, numbered)

    def probabilities(self, x: NDArray[np.float32], classes: int) -> NDArray[np.float32]:
        """(pieces, classes); support vectors give the class that they name 1."""
        out = np.zeros((len(x), classes), np.float32)
        if hasattr(self._fitted, "predict_proba"):
            out[:, self._known] = self._fitted.predict_proba(x)
        else:
            out[np.arange(len(x)), self._known[self._fitted.predict(x)]] = 1.0
        return out

    @property
    def size_bytes(self) -> int:
        """Pickled, as scikit-learn keeps it."""
        return len(pickle.dumps(self._fitted))


def _svm(settings: Svm) -> Any:
    return make_pipeline(StandardScaler(), SVC(C=settings.c))


def _xgboost(settings: Xgboost, seed: int) -> Any:
    from xgboost import XGBClassifier

    return XGBClassifier(
        n_estimators=settings.trees,
        max_depth=settings.depth,
        learning_rate=settings.learning_rate,
        random_state=seed,
        n_jobs=1,
    )
