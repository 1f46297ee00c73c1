"""Pictures of a recording: which frames are taken, and decoding them."""
