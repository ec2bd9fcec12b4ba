"""Names that guests have until they choose one. Pure."""

from hashlib import blake2b
from typing import Final

ADJECTIVES: Final = """
    Amber Bold Brave Bright Calm Cheerful Clever Cosy Crimson Curious Daring Dapper Eager Fair
    Fearless Gentle Golden Happy Hazel Honest Indigo Jolly Keen Kind Lively Lucky Lunar Mellow Merry
    Misty Nimble Noble Opal Patient Plucky Polite Proud Quick Quiet Rosy Ruby Rustic Sage Scarlet
    Serene Silver Sleepy Smiling Snowy Solar Spry Steady Sunny Swift Tidy Tranquil Velvet Violet
    Warm Wise Witty Woolly Young Zesty
""".split()
ANIMALS: Final = """
    Alpaca Badger Bear Beaver Bison Bluebird Camel Cat Cheetah Cricket Crane Deer Dolphin Dove Duck
    Eagle Falcon Ferret Finch Fox Frog Gecko Giraffe Goose Hare Hawk Hedgehog Heron Ibis Jackdaw
    Jaguar Kestrel Kiwi Koala Lark Lemur Lion Llama Lynx Magpie Mole Moose Newt Otter Owl Panda
    Parrot Penguin Puffin Quail Rabbit Raven Robin Salmon Seal Sparrow Squirrel Starling Stork Swan
    Tapir Tiger Walrus
""".split()


def generated_name(key: str) -> str:
    """A friendly name that follows from the id, so that a guest has one before any row exists."""
    digest = blake2b(key.encode(), digest_size=4).digest()
    return f"{ADJECTIVES[digest[0] % len(ADJECTIVES)]} {ANIMALS[digest[1] % len(ANIMALS)]}"
