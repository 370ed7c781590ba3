// Tokens of TSDL (CTF 1.8.3, annex C).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace ctf {

enum class Token : uint8_t { End, Identifier, Number, String, Symbol };

class Lexer {
 public:
  /// `line` is the number of the first line of `text`.
  Lexer(std::string_view text, size_t line, std::string file) : text_(text), line_(line), file_(std::move(file)) { next(); }

  Token token = Token::End;
  std::string text;       // identifier, unescaped string, or symbol (`:=`, `...`, one character)
  uint64_t number = 0;    // Number: its magnitude
  size_t begin = 0;       // offset of this token
  size_t line() const { return token_line_; }

  void next();
  bool is(std::string_view symbol) const { return token == Token::Symbol && text == symbol; }
  bool is_word(std::string_view word) const { return token == Token::Identifier && text == word; }
  /// Steps over `symbol` where it is next.
  bool accept(std::string_view symbol);
  void expect(std::string_view symbol);
  std::string identifier();
  /// The text from this token up to and with the next `end`; empty where a line ends, or a string or comment may begin, before.
  std::string_view rest_to(char end) const;
  /// Goes on after the text that `rest_to` gave.
  void skip(std::string_view rest);
  /// Throws Error with file, line and column.
  [[noreturn]] void fail(const std::string& what) const;
  std::string describe() const;

 private:
  void skip_space();
  void read_string();
  void read_number();

  std::string_view text_;
  size_t at_ = 0, line_ = 1, token_line_ = 1, line_begin_ = 0, token_column_ = 1;
  std::string file_;
};

/// Thrown by the lexer's `expect` and `next` at the end of the text; `Metadata::append` waits for more then.
struct UnexpectedEnd {
  std::string message;
};

}  // namespace ctf
