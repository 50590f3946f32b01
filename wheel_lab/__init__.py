"""What the notebooks of Wheel Lab call: facts first, pictures (:mod:`wheel_lab.views`) on top."""
