"""Checks on a question, whoever asked it: small pure functions with reason codes.

    naming        unknown_label ambiguous_label not_unique confusable_labels
                  unknown_frame never_seen
    margin        margin
    duplicate     duplicate
    execution     the outcomes of `spatialgen.programs.results.Outcome`
    answer        wrong_answer_type negative_answer giant_answer no_correct_option
    trivial       constant_program answer_in_question
    derivation    second_derivation
    stability     unstable
    options       bad_options

What stands in for margins and a second derivation where a draft brings neither,
as those do that a model wrote:

    choices       bad_options
    wording       unnamed_object unused_name unlisted_frame unit_not_named
                  answer_in_question
    surfaces      surface_gap
    dependence    always_same answer_in_program
    meaning       same_meaning

A check returns its figures too; those of an accepted question go into its row.
"""
