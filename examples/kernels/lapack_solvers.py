# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "numpy", "scipy"]
# [tool.stackdoc]
# layer = "kernels"
# title = "LAPACK: four ways to solve a system, their work and their error"
# environment = "low"
# ///
"""One symmetric positive definite system of n equations, solved in four ways that LAPACK offers.

`cholesky` uses that the matrix is symmetric and positive definite and does n³/3 operations. `lu` doesn't and does
2n³/3. `inverse` computes the inverse and multiplies by it: 2n³. `svd` finds singular values and vectors first, which
also works when there is no solution, for about twenty times the work of the first. The times of the first three are
predicted from their work and from the rate at which this library multiplies matrices of that size here, for LAPACK does
nearly all of its work in such products; what a way takes beyond its prediction is what it can't do in them.

The error is the other half. A system of condition number c may lose that factor of the format's precision, whatever
the way: `bound` is c times the unit roundoff, and each error, of a system whose solution is known, is held
against it in the sum of what was found.

Caveats. One thread. Double precision. `work` is that of the method as books give it, without lower orders. The SVD is
measured at the smallest size alone.
"""

# %%
import numpy as np
from scipy import linalg
from threadpoolctl import threadpool_info, threadpool_limits

from stackdoc import Check, Work, close, example

ex = example()
threadpool_limits(ex.threads)
CONDITION = 1e6


def system(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A matrix with eigenvalues from 1 down to 1/CONDITION, a solution, and the right-hand side that has it."""
    drawn = np.random.default_rng(1)
    basis, _ = np.linalg.qr(drawn.standard_normal((n, n)))
    matrix = (basis * np.logspace(0, -np.log10(CONDITION), n)) @ basis.T
    matrix = (matrix + matrix.T) / 2
    solution = drawn.standard_normal(n)
    return matrix, solution, matrix @ solution


WAYS = {
    "cholesky": (1 / 3, lambda a, b: linalg.cho_solve(linalg.cho_factor(a, check_finite=False), b)),
    "lu": (2 / 3, lambda a, b: linalg.lu_solve(linalg.lu_factor(a, check_finite=False), b)),
    "inverse": (2.0, lambda a, b: linalg.inv(a, check_finite=False) @ b),
    "svd": (None, lambda a, b: linalg.lstsq(a, b, lapack_driver="gelsd", check_finite=False)[0]),
}
bound = CONDITION * np.finfo(np.float64).eps / 2
ex.report("bound", bound, label="condition number times unit roundoff")

# %% [markdown]
# The rate of a product first, then each way. An error up to a hundred times the bound is taken as rounding; more
# refuses the run.

# %%
for n in ex.sweep("n", [256, 512, 1024], quick=[256, 512]):
    a, solution, b = system(n)
    product = ex.measure(
        "product",
        lambda a=a: a @ a,
        n=n,
        work=Work(flop=2 * n**3),
        dtype="float64",
        label="a product of two such matrices",
        check=lambda out, a=a: close(out[:8], np.einsum("ik,kj->ij", a[:8], a), rtol=1e-12),
    )
    timed = {}
    for name, (share, solve) in WAYS.items():
        if share is None and n > 256:
            continue
        if share:
            ex.predict(name, share / 2 * product.seconds, f"{share:.2g} n³ at the product's rate", n=n)
        timed[name] = ex.measure(
            name,
            lambda a=a, b=b, solve=solve: solve(a, b),
            n=n,
            work=Work(flop=share * n**3) if share else None,
            dtype="float64",
            label=name,
            check=lambda out, solution=solution: Check(
                "the known solution", float(np.abs(out - solution).max() / np.abs(solution).max()), 100 * bound
            ),
        )
        error = float(np.abs(solve(a, b) - solution).max() / np.abs(solution).max())
        ex.report("error", error, label=f"error, {name}", n=n, way=name)
    ex.ratio("symmetry", slow=timed["lu"], fast=timed["cholesky"], label="LU over Cholesky", n=n)
    ex.ratio("inverting", slow=timed["inverse"], fast=timed["lu"], label="inverse over LU", n=n)

# %%
for library in threadpool_info():
    ex.show(f"{library['internal_api']} {library['version']}: {library.get('architecture', '')}")
