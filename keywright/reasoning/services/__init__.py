"""Where single services depart from the common rules; one service a file."""
