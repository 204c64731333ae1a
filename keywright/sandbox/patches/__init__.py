"""Corrections of the emulator towards AWS's documented behaviour; `docs/emulator.md` lists them all.

They run in the emulator's own process. `emulator` binds the emulator's internals, `hooks` replaces or wraps its
actions, `registry` holds the order of registration; each folder covers one area of AWS.
"""
