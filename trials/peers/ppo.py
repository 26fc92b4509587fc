"""PPO by Stable-Baselines3 on one core: the episodes as they ended, the time that learning took, and a last examination."""
import os

os.environ["OMP_NUM_THREADS"] = "1"

import time

from answering import answer

import numpy
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy

torch.set_num_threads(1)


class Episodes(BaseCallback):
    def __init__(self):
        super().__init__()
        self.found = []

    def _on_step(self):
        for info in self.locals["infos"]:
            if "episode" in info:
                self.found.append([self.num_timesteps, float(info["episode"]["r"])])
        return True


def falling(start):
    return lambda remaining: remaining * start


def build(name, seed, environments, rollout, ppo):
    """`ppo` has the names of our settings; what Stable-Baselines3 calls otherwise is translated here alone."""
    # The checker of environments is for their authors, and takes time.
    made = make_vec_env(name, environments, seed=seed, env_kwargs={"disable_env_checker": True})
    rate, clip = ppo["learningRate"], ppo["clip"]
    return PPO(
        "MlpPolicy",
        made,
        n_steps=rollout,
        batch_size=ppo["minibatch"],
        n_epochs=ppo["epochs"],
        gamma=ppo["gamma"],
        gae_lambda=ppo["lambda"],
        learning_rate=falling(rate) if ppo["learningRateSchedule"] == "linear" else rate,
        clip_range=falling(clip) if ppo["clipSchedule"] == "linear" else clip,
        ent_coef=ppo["entropyWeight"],
        vf_coef=ppo["valueWeight"],
        max_grad_norm=ppo["gradientClip"],
        seed=seed,
        device="cpu",
    )


def learn(name, seed, steps, environments, rollout, ppo, examination):
    model = build(name, seed, environments, rollout, ppo)
    episodes = Episodes()
    wall, processor = time.perf_counter(), time.process_time()
    model.learn(total_timesteps=steps, callback=episodes)
    took = {"wall": time.perf_counter() - wall, "processor": time.process_time() - processor}
    returns, _ = evaluate_policy(
        model, make_vec_env(name, 1, seed=seed + 1000), n_eval_episodes=examination, return_episode_rewards=True
    )
    return {
        **took,
        "steps": int(model.num_timesteps),
        "episodes": episodes.found,
        "examination": [float(each) for each in returns],
        "parameters": sum(p.numel() for p in model.policy.parameters()),
        "version": __import__("stable_baselines3").__version__,
    }


def weights(model):
    return {name: p.detach().flatten().tolist() for name, p in model.policy.named_parameters()}


def updates(name, seed, environments, rollout, ppo, iterations):
    """Whole iterations: the weights before and after, and the rollout between, environment after environment."""
    model = build(name, seed, environments, rollout, ppo)
    _, callback = model._setup_learn(iterations * environments * rollout, Episodes())
    found = []
    for _ in range(iterations):
        model.collect_rollouts(model.env, callback, model.rollout_buffer, rollout)
        buffer = model.rollout_buffer
        with torch.no_grad():
            following = model.policy.predict_values(torch.as_tensor(model._last_obs)).flatten().tolist()
        lanes = lambda values: numpy.swapaxes(values, 0, 1).reshape(-1).tolist()
        seen = {
            "before": weights(model),
            **{
                field: lanes(getattr(buffer, field))
                for field in ("observations", "actions", "rewards", "values", "log_probs", "episode_starts", "advantages")
            },
            "startsNext": [bool(each) for each in model._last_episode_starts],
            "following": following,
        }
        model.train()
        found.append({**seen, "after": weights(model)})
    return found


answer({f.__name__: f for f in (learn, updates)})
