from __future__ import annotations

from storage.register import EMPTY_REGISTER, Register, RegisteredCamera


def register(*cameras: RegisteredCamera) -> Register:
    return Register(name="a.xlsx", version="", columns={}, cameras=cameras)


def test_a_camera_is_found_in_any_case_and_with_leading_zeros() -> None:
    found = register(RegisteredCamera(2, "10.0.7.12"), RegisteredCamera(3, "Main  Gate"))
    assert found.key("010.000.007.012") == "10.0.7.12"
    assert found.key("main gate") == "Main  Gate"
    assert found.key("gate") is None
    assert found.find(None) is None


def test_each_camera_counts_once_and_nameless_rows_not_at_all() -> None:
    found = register(
        RegisteredCamera(2, "a", latitude=1.0, longitude=2.0, district="North", location="Gate"),
        RegisteredCamera(3, "A", latitude=3.0, longitude=4.0, district="South"),
        RegisteredCamera(4, "", latitude=5.0, longitude=6.0, district="East"),
        RegisteredCamera(5, "b", district="North", location="Gate"),
    )
    assert [entry.row for entry in found.known] == [2, 5]
    assert found.placed == 1
    assert (found.districts(), found.locations()) == (("North",), ("Gate",))


def test_nothing_is_found_where_nothing_is_registered() -> None:
    assert EMPTY_REGISTER.find("a") is None
    assert (EMPTY_REGISTER.known, EMPTY_REGISTER.placed, EMPTY_REGISTER.rows) == ((), 0, 0)
