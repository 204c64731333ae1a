"""What the emulator is told to do as AWS documents it, one repair a file; `docs/emulator.md` lists them all."""
