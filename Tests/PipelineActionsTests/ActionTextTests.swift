import PipelineActions
import Testing

@Suite struct ActionTextTests {
    private static let numbers = [0, 1, 9, 10, 4095, Action.maximumStage]

    @Test(arguments: ActionKind.allCases)
    func readingGivesBackWhatWasWritten(_ kind: ActionKind) throws {
        for stage in Self.numbers {
            for microbatch in kind.hasMicrobatch ? Self.numbers + [Action.maximumMicrobatch] : [0] {
                let action = Action(kind, stage: stage, microbatch: microbatch)
                #expect(Action(action.description) == action)
                #expect(Step(Step(action).description) == Step(action))
                let pair = Step(overlapping: action, with: action)
                #expect(Step(pair.description) == pair)
            }
        }
        #expect(Step("") == .idle)
    }

    @Test(
        arguments: [
            "0F0junk", "F0", "0F", "0X0", "-1F0", "0F-1", "0F 1", " 0F1", "0f1", "16777216F0", "0F4294967296",
            "0SEND_F",
            "3UNSHARD0", "0SEND_0", "0F4;", "١F0",
        ])
    func textThatIsNoActionIsRefused(_ text: String) {
        #expect(Action(text) == nil)
        #expect(Step(text) == nil)
    }

    @Test(
        arguments: [
            "(0F4;7B1)", "(0F4)OVERLAP_F_B", "(0F4;7B1OVERLAP_F_B", "0F4;7B1)OVERLAP_F_B", "(0F4;7B1)OVERLAP_F_B ",
            "(;)OVERLAP_F_B", "()OVERLAP_F_B", "(0F4;7B1;0F5)OVERLAP_F_B",
        ])
    func textThatIsNoPairIsRefused(_ text: String) {
        #expect(Step(text) == nil)
    }
}
