"""The benchmark itself: that it runs, that it looks before it measures, that its pace is one."""
