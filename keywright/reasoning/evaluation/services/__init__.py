"""Where single services depart from the common rules of policy evaluation; one service a file."""
