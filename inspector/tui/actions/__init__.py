"""What the keys of the main screen do, by subject: each module is a mixin of `screens.main.MainScreen`.

`base.Acting` owns how a verb of the session is carried out and what the mixins may use of the screen.
"""
