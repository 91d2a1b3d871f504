/// Access to a value of a recipe that is a ``RecipeWord``.
public struct WordAccess: Sendable {
    /// The list of all words for messages.
    let list: String
    /// Returns the word in a recipe.
    let read: @Sendable (Recipe) -> String
    /// Sets the word with a spelling in a recipe. Returns false if there is no such word.
    let write: @Sendable (inout Recipe, String) -> Bool

    init<Word: RecipeWord>(_ path: any WritableKeyPath<Recipe, Word> & Sendable) {
        list = Word.list
        read = { $0[keyPath: path].rawValue }
        write = { recipe, spelling in
            guard let word = Word(spelling: spelling) else { return false }
            recipe[keyPath: path] = word
            return true
        }
    }
}
