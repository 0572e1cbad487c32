"""What a training is made of: features, labels, batches, the network."""
