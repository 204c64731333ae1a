"""EC2 workloads: instance roles and profiles, launch templates, instances, Auto Scaling groups."""
