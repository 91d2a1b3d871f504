import Foundation
import PipelineActions
import Testing

@Suite("The text of actions and steps") struct ActionTextTests {
    private static let numbers = [0, 1, 9, 10, 4095, Action.maximumStage]

    @Test("Actions, steps and pairs of every kind are read back from their text", arguments: ActionKind.allCases)
    func textIsReadBack(_ kind: ActionKind) throws {
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
        "Text that is not an action as a whole, or exceeds a limit, is refused",
        arguments: [
            "0F0junk", "F0", "0F", "0X0", "-1F0", "0F-1", "0F 1", " 0F1", "0f1", "16777216F0", "0F4294967296",
            "0SEND_F", "3UNSHARD0", "0SEND_0", "0F4;", "١F0",
        ])
    func malformedActionsAreRefused(_ text: String) {
        #expect(Action(text) == nil)
        #expect(Step(text) == nil)
    }

    @Test(
        "Text that is not an overlapped pair as a whole is refused",
        arguments: [
            "(0F4;7B1)", "(0F4)OVERLAP_F_B", "(0F4;7B1OVERLAP_F_B", "0F4;7B1)OVERLAP_F_B", "(0F4;7B1)OVERLAP_F_B ",
            "(;)OVERLAP_F_B", "()OVERLAP_F_B", "(0F4;7B1;0F5)OVERLAP_F_B",
        ])
    func malformedPairsAreRefused(_ text: String) {
        #expect(Step(text) == nil)
    }

    @Test("JSON has an action as its text, and other text is refused")
    func jsonHasTheText() throws {
        let actions = ActionKind.allCases.map { Action($0, stage: 7, microbatch: $0.hasMicrobatch ? 3 : 0) }
        let data = try JSONEncoder().encode(actions)
        #expect(try JSONDecoder().decode([String].self, from: data) == actions.map(\.description))
        #expect(try JSONDecoder().decode([Action].self, from: data) == actions)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([Action].self, from: Data("[\"0F\"]".utf8)) }
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([Action].self, from: Data("[3]".utf8)) }
    }

    @Test("An action gives back its kind, stage and micro-batch at every limit", arguments: ActionKind.allCases)
    func partsAreKept(_ kind: ActionKind) {
        for stage in Self.numbers {
            for microbatch in kind.hasMicrobatch ? Self.numbers + [Action.maximumMicrobatch] : [0] {
                let action = Action(kind, stage: stage, microbatch: microbatch)
                #expect(action.kind == kind && action.stage == stage && action.microbatch == microbatch)
            }
        }
    }

    @Test("A kind computes, transfers or manages parameters, by PyTorch's symbols")
    func kindsAreClassified() {
        func symbols(_ isIncluded: (ActionKind) -> Bool) -> [String] {
            ActionKind.allCases.filter(isIncluded).map(\.symbol)
        }
        #expect(symbols(\.isCompute) == ["F", "B", "I", "W"])
        #expect(symbols(\.isTransfer) == ["SEND_F", "RECV_F", "SEND_B", "RECV_B"])
        #expect(symbols(\.isSend) == ["SEND_F", "SEND_B"])
        #expect(symbols { !$0.hasMicrobatch } == ["UNSHARD", "RESHARD", "REDUCE_GRAD"])
    }

    @Test("A step gives its actions in order")
    func stepsGiveTheirActions() {
        let forward = Action(.forward, stage: 0, microbatch: 4)
        let backward = Action(.backward, stage: 7, microbatch: 1)
        let steps: [(Step, [Action])] = [
            (.idle, []), (Step(forward), [forward]),
            (Step(overlapping: forward, with: backward), [forward, backward]),
        ]
        for (step, actions) in steps {
            var visited: [Action] = []
            step.forEachAction { visited.append($0) }
            #expect(visited == actions && step.actionCount == actions.count)
            #expect(step.first == actions.first && step.second == actions.dropFirst().first)
            #expect(step.isOverlapped == (actions.count == 2))
        }
    }
}
