"""What people name is found, by whatever name it has."""

from keywright.assembly.looking_up import is_on_objects
from keywright.policy import catalogue


def test_actions_on_objects_are_those_that_the_catalogue_says():
    wrong = [
        str(action)
        for action in catalogue.actions_of("s3")
        if is_on_objects(str(action))
        is not ("object" in action.resource_types and "bucket" not in action.resource_types)
    ]
    assert wrong == []
