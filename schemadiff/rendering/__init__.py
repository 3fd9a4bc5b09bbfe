"""Operations to text.

``tree`` is the call tree that Python code is rendered through, ``layout`` prints it as black would leave it, and
``formatting`` finds out how the user's project sets black, and runs black itself where ``layout`` is not tested.
"""
