import CommandUsage
import Testing

@Suite("Messages of usage errors") struct UsageMessageTests {
    @Test(
        "A value that is no number of the option's kind is named with the remedy",
        arguments: [
            ("many", "give a number"), ("", "give a number"), ("-", "give a number"), ("1.5", "give a whole number"),
            ("1e3", "give a whole number"), ("-1", "give 0 or more"), ("99999999999999999999", "give a smaller number"),
        ])
    func values(value: String, remedy: String) {
        let text = UsageMessage.text(of: "The value '\(value)' is invalid for '--ranks <n>'") { _ in nil }
        #expect(text == "--ranks is '\(value)': \(remedy)")
    }

    @Test("A message is one line, and the allowed words are a list with commas")
    func lines() {
        let message =
            "The value 'x' is invalid for '--format <format>'. Please provide one of the following:\n  - json\n  - svg"
        #expect(UsageMessage.text(of: message) { _ in nil } == "--format is 'x': give one of json, svg")
        let preset = message.replacing("--format <format>", with: "<preset>")
        #expect(UsageMessage.text(of: preset) { _ in nil } == "<preset> is 'x': give one of json, svg")
        #expect(UsageMessage.text(of: "one\ntwo") { _ in nil } == "one two")
    }

    @Test("An unknown option gets the suggestion of its command, else the parser's")
    func suggestions() {
        let message = "Unknown option '--max-tokens'. Did you mean '--tokens'?"
        #expect(UsageMessage.text(of: message) { "use \($0)" } == "Unknown option '--max-tokens': use --max-tokens")
        #expect(UsageMessage.text(of: message) { _ in nil } == message)
    }
}
