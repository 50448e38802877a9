"""The audit of what spends no money: changes, access and sessions."""
