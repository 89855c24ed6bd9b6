"""Power waveforms measured outside a device: cut into modes, learnt, and watched."""
