"""Unit grids suggested for an owner, and areas that deserve a key grid."""
