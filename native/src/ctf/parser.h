// Recursive descent over TSDL's statements (CTF 1.8.3, annex C), straight to the declared types.
#pragma once
#include <functional>
#include <map>
#include <string>

#include "ctf/lexer.h"
#include "ctf/metadata.h"

namespace ctf {

/// Type names of one scope; inner scopes see the outer ones. `struct x` and `x` are names of their own.
class TypeScope {
 public:
  explicit TypeScope(const TypeScope* outer = nullptr) : outer_(outer) {}
  TypePtr find(const std::string& name) const;
  void add(const std::string& name, TypePtr type) { types_[name] = std::move(type); }

 private:
  const TypeScope* outer_;
  std::map<std::string, TypePtr> types_;
};

class Parser {
 public:
  Parser(Metadata& metadata, Lexer& lexer) : meta_(metadata), lex_(lexer) {}

  /// One top-level statement with its `;`. What it declares takes effect at its end.
  void statement();

 private:
  using Entry = std::function<bool(const std::string& key)>;

  void trace();
  void env();
  void clock();
  void stream();
  void event();
  void block(TypeScope& scope, const Entry& typed, const Entry& valued);
  void skip_block();
  void skip_value();

  bool declaration(TypeScope& scope);
  void type_alias(TypeScope& scope);
  void type_def(TypeScope& scope);
  TypePtr type(TypeScope& scope);
  TypePtr integer();
  TypePtr new_integer();
  TypePtr floating();
  TypePtr string_type();
  TypePtr enumeration(TypeScope& scope);
  TypePtr structure(TypeScope& scope);
  TypePtr variant(TypeScope& scope);
  TypePtr named(TypeScope& scope);
  void members(Type& compound, TypeScope& scope);
  TypePtr sealed(std::shared_ptr<Type> type);
  TypePtr dimensions(TypePtr element);
  void attributes(const std::function<void(const std::string& key)>& attribute);
  int64_t signed_number();
  uint64_t unsigned_number();
  bool boolean();
  std::string word_or_string();
  std::string path();
  ByteOrder order();
  uint32_t alignment();

  Metadata& meta_;
  Lexer& lex_;
  unsigned depth_ = 0;
};

}  // namespace ctf
