"""What a release needs: checks before it, its notes, and its bill of materials. Not part of the wheel."""
