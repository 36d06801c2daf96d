"""Departments, topics and default duties that come with gisgrid; a locality adjusts them."""
