#pragma once

#include "engine/skill/rules.h"

#include <QByteArray>
#include <QByteArrayView>

#include <vector>

namespace skillbox {

/// A value in the header as it was written; nothing is expanded or converted.
struct YamlNode {
    enum class Kind { Null, Scalar, Sequence, Mapping };

    Kind kind = Kind::Null;
    bool flow = false;   ///< a collection written in [] or {}
    qsizetype start = 0; ///< bytes from the start of the header
    qsizetype end = 0; ///< after the last byte, quotes included; of a collection: of its last item
    QString text = {}; ///< of a scalar; `1.0`, `true` and the like as they are written
    std::vector<YamlNode> keys = {};  ///< of a mapping: plain or quoted scalars, no two the same
    std::vector<YamlNode> items = {}; ///< of a sequence, or the values of `keys` in the same order

    bool isScalar() const { return kind == Kind::Scalar; }
    bool isMapping() const { return kind == Kind::Mapping; }
    bool isEmpty() const { return kind == Kind::Null; }
    /// Null if the mapping has no such key.
    const YamlNode *find(QStringView key) const;
};

/// Something wrong with the YAML at [start, end), bytes from the start of the header.
struct YamlProblem {
    Rule rule = Rule::YamlSyntax;
    QString message;
    qsizetype start = 0;
    qsizetype end = 0;
    QString hint = {};
};

struct YamlHeader {
    std::optional<YamlNode> root; ///< a mapping in block style; none: could not be read
    QList<YamlProblem> problems;

    /// The bytes of the root's entry `index`: from the start of its key's line to the end of its
    /// last line. Blank lines and unindented comments after it belong to what follows.
    QByteArrayView entry(QByteArrayView header, size_t index) const;
};

/// Reads a header that splitFrontMatter() let pass. This is the only place that knows yaml-cpp. It
/// takes parser events, so that no alias is ever followed, and stops at 16 levels and 10,000
/// values: yaml-cpp announces each collection before it descends, so the limit bounds its stack.
YamlHeader parseYamlHeader(QByteArrayView header);

} // namespace skillbox
