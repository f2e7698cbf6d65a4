"""BoTorch's qLogNEHVI: python oil_gas_botorch.py, in an environment that has botorch; settings and answers over a pipe.

The first line read is JSON: variables, reference (float[M], as gains), seed, first (designs to begin with), batch,
batches. Then, in turn, CPU seconds so far and designs in the unit cube are written, and the designs' gains read: a line
of JSON each.
"""

import json
import sys
import time
import warnings

import torch
from botorch.acquisition.multi_objective import logei
from botorch.fit import fit_gpytorch_mll
from botorch.models import ModelListGP, SingleTaskGP
from botorch.models.transforms import Standardize
from botorch.optim import optimize_acqf
from botorch.sampling.normal import SobolQMCNormalSampler
from gpytorch.mlls import SumMarginalLogLikelihood

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
logei._load_attempted = True  # the same arithmetic without a C++ extension, which would be compiled first
FITS, SAMPLES, RESTARTS, RAW, STEPS = 50, 64, 2, 64, 50


def asked(designs):
    """Gains of designs."""
    print(json.dumps([time.process_time(), designs.tolist()]), flush=True)
    return torch.tensor(json.loads(sys.stdin.readline()), dtype=torch.double)


def batch_of(designs, gains, given):
    """The batch with the largest expected gain in hypervolume, found one design after the other."""
    models = [SingleTaskGP(designs, gains[:, [k]], outcome_transform=Standardize(m=1)) for k in range(gains.shape[1])]
    model = ModelListGP(*models)
    fit_gpytorch_mll(SumMarginalLogLikelihood(model.likelihood, model), optimizer_kwargs={"options": {"maxiter": FITS}})
    acquisition = logei.qLogNoisyExpectedHypervolumeImprovement(
        model=model,
        ref_point=given["reference"],
        X_baseline=designs,
        sampler=SobolQMCNormalSampler(torch.Size([SAMPLES]), seed=given["seed"]),
        prune_baseline=True,
    )
    bounds = torch.stack([torch.zeros(given["variables"]), torch.ones(given["variables"])]).double()
    found, _ = optimize_acqf(
        acquisition,
        bounds,
        q=given["batch"],
        num_restarts=RESTARTS,
        raw_samples=RAW,
        options={"maxiter": STEPS, "batch_limit": RESTARTS},
        sequential=True,
    )
    return found.detach()


def main():
    """Search."""
    given = json.loads(sys.stdin.readline())
    torch.manual_seed(given["seed"])
    designs = torch.tensor(given["first"], dtype=torch.double)
    gains = asked(designs)
    for _ in range(given["batches"]):
        new = batch_of(designs, gains, given)
        designs, gains = torch.cat([designs, new]), torch.cat([gains, asked(new)])


if __name__ == "__main__":
    main()
