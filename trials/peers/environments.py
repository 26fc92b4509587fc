"""Episodes of Gymnasium's environments, with the physical state in float64 beside what an agent sees."""
from answering import answer

import gymnasium
import numpy


def episode(name, seed, actions):
    """Plays until the actions or the episode end."""
    environment = gymnasium.make(name)
    observation, _ = environment.reset(seed=seed)
    state = lambda: [float(value) for value in environment.unwrapped.state]
    seen = {"states": [state()], "observations": [observation.tolist()], "rewards": []}
    terminated = truncated = False
    for action in actions:
        discrete = isinstance(environment.action_space, gymnasium.spaces.Discrete)
        given = action if discrete else numpy.array([action], dtype=numpy.float64)
        observation, reward, terminated, truncated, _ = environment.step(given)
        seen["states"].append(state())
        seen["observations"].append(observation.tolist())
        seen["rewards"].append(float(reward))
        if terminated or truncated:
            break
    return {**seen, "terminated": bool(terminated), "truncated": bool(truncated)}


def spaces(name):
    environment = gymnasium.make(name)
    show = lambda space: (
        {"n": int(space.n)}
        if isinstance(space, gymnasium.spaces.Discrete)
        # JSON has no infinity.
        else {side: [str(float(value)) for value in getattr(space, side)] for side in ("low", "high")}
    )
    return {"observation": show(environment.observation_space), "action": show(environment.action_space)}


answer({f.__name__: f for f in (episode, spaces)})
