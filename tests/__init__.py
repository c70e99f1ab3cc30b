"""The tests. Folders mirror `src/sipbot`; tests of the whole program stand beside them."""
