"""The demo world: invented people and agencies, and the running bot among them on embedded parts only."""
