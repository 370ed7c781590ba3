#include "ctf/lexer.h"

#include <cctype>

#include "ctf/error.h"

namespace ctf {

namespace {

// Metadata are ASCII whatever the locale.
bool word_begin(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool word_part(char c) { return word_begin(c) || (c >= '0' && c <= '9'); }

}  // namespace

void Lexer::skip_space() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '\n') {
      line_++;
      line_begin_ = ++at_;
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v' || c == '\0') {
      at_++;
    } else if (text_.substr(at_, 2) == "//") {
      while (at_ < text_.size() && text_[at_] != '\n') at_++;
    } else if (text_.substr(at_, 2) == "/*") {
      const size_t end = text_.find("*/", at_ + 2);
      if (end == std::string_view::npos) {
        token_line_ = line_;
        throw UnexpectedEnd{file_ + ":" + std::to_string(line_) + ": the comment does not end"};
      }
      for (; at_ < end + 2; at_++) {
        if (text_[at_] == '\n') {
          line_++;
          line_begin_ = at_ + 1;
        }
      }
    } else {
      return;
    }
  }
}

void Lexer::next() {
  skip_space();
  begin = at_;
  token_line_ = line_;
  token_column_ = at_ - line_begin_ + 1;
  text.clear();
  if (at_ >= text_.size()) {
    token = Token::End;
    return;
  }
  const char c = text_[at_];
  if (word_begin(c)) {
    const size_t from = at_;
    while (at_ < text_.size() && word_part(text_[at_])) at_++;
    token = Token::Identifier;
    text = text_.substr(from, at_ - from);
  } else if (std::isdigit(static_cast<unsigned char>(c))) {
    read_number();
  } else if (c == '"') {
    read_string();
  } else {
    token = Token::Symbol;
    if (text_.substr(at_, 3) == "...") {
      text = "...";
    } else if (text_.substr(at_, 2) == ":=" || text_.substr(at_, 2) == "->") {
      text = text_.substr(at_, 2);
    } else {
      text = c;
    }
    at_ += text.size();
  }
}

void Lexer::read_number() {
  token = Token::Number;
  number = 0;
  unsigned base = 10;
  if (text_[at_] == '0' && at_ + 1 < text_.size()) {
    const char x = text_[at_ + 1];
    if (x == 'x' || x == 'X') base = 16, at_ += 2;
    else if (x == 'b' || x == 'B') base = 2, at_ += 2;
    else if (std::isdigit(static_cast<unsigned char>(x))) base = 8, at_++;
  }
  size_t digits = 0;
  for (; at_ < text_.size() && word_part(text_[at_]); at_++) {
    const char c = static_cast<char>(std::tolower(static_cast<unsigned char>(text_[at_])));
    if (c == 'u' || c == 'l') continue;  // 10ULL
    const unsigned digit = std::isdigit(static_cast<unsigned char>(c)) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
    if (digit >= base) fail("a number cannot contain '" + std::string(1, text_[at_]) + "'");
    uint64_t product;
    if (__builtin_mul_overflow(number, uint64_t(base), &product) || __builtin_add_overflow(product, uint64_t(digit), &number))
      fail("the number does not fit 64 bits");
    digits++;
  }
  if (!digits) fail("a number needs digits");
}

void Lexer::read_string() {
  token = Token::String;
  at_++;
  while (true) {
    if (at_ >= text_.size()) throw UnexpectedEnd{file_ + ":" + std::to_string(token_line_) + ": the string does not end"};
    char c = text_[at_++];
    if (c == '"') return;
    if (c == '\n') fail("a string cannot contain a line break");
    if (c == '\\' && at_ < text_.size()) {
      c = text_[at_++];
      const size_t from = at_;
      switch (c) {
        case 'n': c = '\n'; break;
        case 't': c = '\t'; break;
        case 'r': c = '\r'; break;
        case 'a': c = '\a'; break;
        case 'b': c = '\b'; break;
        case 'f': c = '\f'; break;
        case 'v': c = '\v'; break;
        case 'x': {
          unsigned v = 0;
          while (at_ < text_.size() && at_ < from + 2 && std::isxdigit(static_cast<unsigned char>(text_[at_])))
            v = v * 16 + (std::isdigit(static_cast<unsigned char>(text_[at_])) ? text_[at_] - '0' : (text_[at_] | 32) - 'a' + 10), at_++;
          c = static_cast<char>(v);
          break;
        }
        default:
          if (c >= '0' && c <= '7') {
            unsigned v = c - '0';
            while (at_ < text_.size() && at_ < from + 2 && text_[at_] >= '0' && text_[at_] <= '7') v = v * 8 + (text_[at_++] - '0');
            c = static_cast<char>(v);
          }
      }
    }
    text += c;
  }
}

bool Lexer::accept(std::string_view symbol) {
  if (!is(symbol)) return false;
  next();
  return true;
}

void Lexer::expect(std::string_view symbol) {
  if (!accept(symbol)) fail("'" + std::string(symbol) + "' was expected instead of " + describe());
}

std::string_view Lexer::rest_to(char end) const {
  const std::string_view rest = text_.substr(begin);
  for (size_t at = 0; at < rest.size(); at++) {
    const char c = rest[at];
    if (c == end) return rest.substr(0, at + 1);
    if (c == '\n' || c == '"' || c == '/') break;
  }
  return {};
}

void Lexer::skip(std::string_view rest) {
  at_ = begin + rest.size();
  next();
}

std::string Lexer::identifier() {
  if (token != Token::Identifier) fail("a name was expected instead of " + describe());
  std::string word = text;
  next();
  return word;
}

std::string Lexer::describe() const {
  switch (token) {
    case Token::End: return "the end";
    case Token::Number: return "a number";
    case Token::String: return "a string";
    default: return "'" + text.substr(0, 60) + "'";
  }
}

void Lexer::fail(const std::string& what) const {
  const std::string message = file_ + ":" + std::to_string(token_line_) + ":" + std::to_string(token_column_) + ": " + what;
  if (token == Token::End) throw UnexpectedEnd{message};
  throw Error(message);
}

}  // namespace ctf
