"""Which family of sounds a class of non-cries belongs to: what a ward wants to know by name."""

from __future__ import annotations

from fnmatch import fnmatchcase

UNSORTED = "not sorted"

FAMILIES = {
    family: tuple(patterns.split())
    for family, patterns in {
        "speech": "speech* words count diarizationexample recording shhhh",
        "laughs and babble": "laugh* babble* giggle* child*",
        "other sounds of people": """applause crowd_cheering clapping sneeze sneezing cough*
            breathing snoring vomit undead footsteps brushing_teeth drinking_sipping amb_crowd
            amb_walk_*""",
        "music": """music* guitar jazz_guitar piano violin* flute* recorder* instrument* lullaby*
            arcade_music cinematic doremi amb_carousel amb_singing_bowl amb_temple
            amb_tuning_radio amb_vinyl_effect""",
        "alarms and signals": """medical_alarm* alarm* hospital_beep hospital_flatline alert
            ringtone ui_beep doorbell car_horn siren* church church_bells clock_alarm bicycle
            amb_alarm amb_church amb_morse_code""",
        "cats": "cat cat_* cats kitten* animal_cat animal_kitten dude_miaowing amb_cat_purring",
        "other animals": """animal_* bear bee bees bird birds1 canary chicken chimpanzee
            chirping_birds cicada cow crickets crow dog* farm_animal frog giraffe goat gorilla gull
            hen horse insects leopard loon monkey mouse pig raccoon rooster seagull* sheep snake
            squirrel turkey wolf woodpecker zebra amb_beehive amb_birds amb_cows amb_crickets
            amb_crows amb_dog_barking amb_frog amb_horse_gallop amb_jungle amb_owl amb_sheep
            amb_whale amb_wolf amb_woodpecker""",
        "household": """home_noise_phone quiet_phone silence door* dishes doing_the_dishes typing
            keyboard_typing mouse_click clock_tick vacuum* washing_machine dryer exercise_bike
            refrigerator running_tap shower can_opening glass_breaking toilet_flush pouring_water
            scrape leaves tree match skeleton amb_boiling_water amb_clock amb_droplets amb_dryer
            amb_fireplace amb_keyboard amb_laundry_room amb_paper amb_washing_machine""",
        "machines and traffic": """airplane animal_tractor car car_engine chainsaw compressor
            engine fan* hand_saw helicopter hospital_ambience hum* jet motorbike pump* suction*
            train vehicle ventilator* explosion fireworks fuse gunshots ricochet amb_airplane
            amb_boat amb_busy_street amb_city amb_construction_site amb_fireworks amb_highway
            amb_inside_a_train amb_road amb_rowing_boat amb_sailboat amb_subway_station
            amb_traffic amb_train amb_windshield_wipers""",
        "places with people": "cafe stream amb_cafe amb_restaurant amb_supermarket",
        "weather, water, fire and noise": """rain* sea sea_waves ocean water* waves wind thunder*
            lightning fire campfire crackling_fire lava noise* white_* pink_noise brown_noise
            amb_*noise amb_*rain* amb_*wind* amb_bubbles amb_campfire amb_river amb_storm
            amb_thunder amb_underwater amb_waterfall amb_waves""",
    }.items()
}
"""Names of classes, or patterns of them; a name counts before a pattern."""


def family_of(fine: str) -> str:
    """The family of a class; UNSORTED when the table does not know it."""
    for family, patterns in FAMILIES.items():
        if fine in patterns:
            return family
    for family, patterns in FAMILIES.items():
        if any(fnmatchcase(fine, pattern) for pattern in patterns):
            return family
    return UNSORTED
