"""Several workspaces from one installation.

installations  who has us installed, with their tokens, closed by `sealing`; install_states: installs under way
workspaces     what is served for each, built when it is first needed
several        the jobs of all, each done with the parts of its workspace
uninstalling   a workspace takes us out
"""
