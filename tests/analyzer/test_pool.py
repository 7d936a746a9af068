"""The pool: bounded, yields as completed, survives whatever a job does."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from analyzer.pool import Postponed, ThreadPool


def doubled(jobs: Sequence[int]) -> list[int]:
    return [job * 2 for job in jobs]


def feed(pool: ThreadPool[int, int], jobs: int, submitted: list[int] | None = None) -> None:
    for number in range(jobs):
        pool.submit(number)
        if submitted is not None:
            submitted.append(number)
    pool.finish()


def results(pool: ThreadPool[int, int]) -> list[int]:
    return sorted(done.result for ready in pool.completed() for done in ready if done.result is not None)


def test_every_job_comes_out_once() -> None:
    pool = ThreadPool(doubled, workers=4)
    feeder = threading.Thread(target=feed, args=(pool, 200))
    feeder.start()
    assert results(pool) == [n * 2 for n in range(200)]
    feeder.join()


def test_a_feeder_waits_while_the_window_is_full() -> None:
    gate = threading.Event()

    def held(jobs: Sequence[int]) -> list[int]:
        gate.wait(10)
        return list(jobs)

    pool = ThreadPool(held, workers=2)
    submitted: list[int] = []
    feeder = threading.Thread(target=feed, args=(pool, 50, submitted))
    feeder.start()
    feeder.join(0.3)
    assert len(submitted) <= 4  # two in hand, two waiting
    gate.set()
    assert results(pool) == list(range(50))
    feeder.join()


def test_a_job_that_raises_ends_itself_and_no_thread() -> None:
    def fussy(jobs: Sequence[int]) -> list[int]:
        if jobs[0] % 2:
            raise ValueError(f"odd: {jobs[0]}")
        return list(jobs)

    pool = ThreadPool(fussy, workers=1)
    feeder = threading.Thread(target=feed, args=(pool, 6))
    feeder.start()
    done = [one for ready in pool.completed() for one in ready]
    feeder.join()
    assert [(one.job, str(one.error)) for one in done if one.error] == [(1, "odd: 1"), (3, "odd: 3"), (5, "odd: 5")]
    assert [one.result for one in done if one.error is None] == [0, 2, 4]


def test_cancelling_drops_what_has_not_begun_and_keeps_what_is_in_hand() -> None:
    begun, gate = threading.Semaphore(0), threading.Event()

    def held(jobs: Sequence[int]) -> list[int]:
        begun.release()
        gate.wait(10)
        return list(jobs)

    pool = ThreadPool(held, workers=2)
    for number in range(4):
        assert pool.submit(number)
    begun.acquire()
    begun.acquire()
    pool.cancel()
    gate.set()
    assert len(results(pool)) == 2
    assert not pool.submit(9)


def test_a_batch_is_taken_together_and_answered_in_order() -> None:
    sizes: list[int] = []

    def counted(jobs: Sequence[int]) -> list[int]:
        sizes.append(len(jobs))
        return doubled(jobs)

    pool = ThreadPool(counted, workers=1, batch=8)
    feeder = threading.Thread(target=feed, args=(pool, 64))
    feeder.start()
    assert results(pool) == [n * 2 for n in range(64)]
    feeder.join()
    assert max(sizes) <= 8
    assert sum(sizes) == 64


def test_a_postponed_job_comes_back_and_no_worker_waits_with_it() -> None:
    """One worker, and a job that is to wait for longer than all others take: they are done first."""
    order: list[int] = []

    def work(jobs: Sequence[int]) -> list[int | Postponed[int]]:
        if jobs[0] == 0 and not order:
            order.append(-1)
            return [Postponed(0, 0.2)]
        order.append(jobs[0])
        return list(jobs)

    pool: ThreadPool[int, int] = ThreadPool(work, workers=1)
    feeder = threading.Thread(target=feed, args=(pool, 4))
    feeder.start()
    assert results(pool) == [0, 1, 2, 3]
    feeder.join()
    assert order == [-1, 1, 2, 3, 0]


def test_postponed_jobs_count_for_the_window() -> None:
    submitted: list[int] = []
    pool: ThreadPool[int, int] = ThreadPool(lambda jobs: [Postponed(job, 60.0) for job in jobs], workers=2)
    feeder = threading.Thread(target=feed, args=(pool, 100, submitted))
    feeder.start()
    feeder.join(0.3)
    assert len(submitted) <= 8
    pool.cancel()
    feeder.join()
    assert results(pool) == []
    pool.close()


def test_a_cancelled_pool_drops_what_is_postponed() -> None:
    parked = threading.Event()

    def work(jobs: Sequence[int]) -> list[Postponed[int]]:
        parked.set()
        return [Postponed(job, 60.0) for job in jobs]

    pool: ThreadPool[int, int] = ThreadPool(work, workers=1)
    pool.submit(1)
    parked.wait(5)
    pool.close()
    assert results(pool) == []


def test_several_jobs_that_are_due_at_once_find_several_workers() -> None:
    """Three are put off for as long, and then need each other: one worker alone would never end."""
    meeting = threading.Barrier(3, timeout=10)
    put_off: set[int] = set()

    def work(jobs: Sequence[int]) -> list[int | Postponed[int]]:
        if jobs[0] not in put_off:
            put_off.add(jobs[0])
            return [Postponed(jobs[0], 0.05)]
        meeting.wait()
        return list(jobs)

    pool: ThreadPool[int, int] = ThreadPool(work, workers=3)
    feed(pool, 3)
    assert results(pool) == [0, 1, 2]
    pool.close()


def test_a_burst_of_jobs_finds_all_workers_that_are_idle() -> None:
    meeting = threading.Barrier(8, timeout=10)

    def work(jobs: Sequence[int]) -> list[int]:
        meeting.wait()
        return list(jobs)

    pool: ThreadPool[int, int] = ThreadPool(work, workers=8)
    feed(pool, 8)
    assert results(pool) == list(range(8))
    pool.close()
