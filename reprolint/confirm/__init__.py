"""Check and probe joined: which findings the runs show, and which differences a finding predicts."""
