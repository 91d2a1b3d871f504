import PipelineActions
import Testing

@Suite("Invariant checks") struct InvariantChecksTests {
    @Test(
        "CONTRAFLOW_CHECK_INVARIANTS turns the checks on, unless it is unset, empty or 0",
        arguments: [(nil, false), ("", false), ("0", false), ("1", true), ("yes", true), ("00", true)])
    func switchFollowsTheVariable(value: String?, isOn: Bool) {
        #expect(InvariantChecks.areEnabled(by: value) == isOn)
    }
}
