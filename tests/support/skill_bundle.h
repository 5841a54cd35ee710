#pragma once

#include "tests/support/tree_fixture.h"

#include <unistd.h>

namespace skillbox::test {

/// A whole skill in one text file, see tests/corpus/README.md. Sections begin with a line
/// `=== PATH`, optionally with `(base64)`, `(escaped)`, `(repeat N)`, `(executable)` behind it, or
/// are `=== PATH -> TARGET`, a symbolic link. What stands before the first section is its head.
struct SkillBundle {
    struct Part {
        QString path;
        QByteArray content;
        QString linkTarget;
        bool executable = false;
    };
    QByteArray head;
    QList<Part> parts;

    bool hasFile(const QString &path) const
    {
        return std::any_of(parts.begin(), parts.end(),
                           [&](const Part &part) { return part.path == path; });
    }

    /// A word list behind `KEY:` in the head.
    QStringList words(const QByteArray &key) const
    {
        for (const QByteArray &line : head.split('\n')) {
            if (line.startsWith(key + ':')) {
                return QString::fromUtf8(line.sliced(key.size() + 1))
                    .split(u' ', Qt::SkipEmptyParts);
            }
        }
        return {};
    }

    void write(const QString &folder) const
    {
        for (const Part &part : parts) {
            const QString path = folder + u'/' + part.path;
            if (part.linkTarget.isEmpty()) {
                writeFile(path, part.content, part.executable);
                continue;
            }
            QVERIFY(QDir().mkpath(QFileInfo(path).path()));
            QCOMPARE(::symlink(QFile::encodeName(part.linkTarget).constData(),
                               QFile::encodeName(path).constData()),
                     0);
        }
    }
};

/// `\n`, `\t`, `\\`, `\xNN` (a byte) and `\u{N}` (a character as UTF-8).
inline QByteArray unescaped(const QByteArray &text)
{
    QByteArray out;
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 >= text.size()) {
            out += text[i];
            continue;
        }
        const char kind = text[++i];
        if (kind == 'x') {
            out += static_cast<char>(text.sliced(i + 1, 2).toInt(nullptr, 16));
            i += 2;
        } else if (kind == 'u') {
            const qsizetype close = text.indexOf('}', i);
            const char32_t c = text.sliced(i + 2, close - i - 2).toUInt(nullptr, 16);
            out += QString::fromUcs4(&c, 1).toUtf8();
            i = close;
        } else {
            out += kind == 'n' ? '\n' : kind == 't' ? '\t' : kind == 'r' ? '\r' : kind;
        }
    }
    return out;
}

inline SkillBundle parseBundle(const QByteArray &text)
{
    SkillBundle bundle;
    QByteArray title;
    QByteArray content;
    const auto finish = [&] {
        if (title.isNull()) {
            bundle.head = content;
        } else {
            SkillBundle::Part part;
            QByteArray path = title;
            QByteArrayList options;
            if (const qsizetype arrow = path.indexOf(" -> "); arrow >= 0) {
                part.linkTarget = QString::fromUtf8(path.sliced(arrow + 4));
                path = path.first(arrow);
            }
            for (qsizetype open = path.indexOf(" ("); open >= 0; open = path.indexOf(" (")) {
                const qsizetype close = path.indexOf(')', open);
                options += path.sliced(open + 2, close - open - 2);
                path.remove(open, close - open + 1);
            }
            for (const QByteArray &option : std::as_const(options)) {
                if (option == "escaped")
                    content = unescaped(content.trimmed());
                else if (option == "base64")
                    content = QByteArray::fromBase64(content.replace('\n', ""));
                else if (option.startsWith("repeat "))
                    content = content.repeated(option.sliced(7).toInt());
                else if (option == "executable")
                    part.executable = true;
                else
                    qFatal("unknown option %s", option.constData());
            }
            part.path = QString::fromUtf8(path.trimmed());
            part.content = content;
            bundle.parts += part;
        }
        content.clear();
    };
    for (qsizetype at = 0; at < text.size();) {
        const qsizetype feed = text.indexOf('\n', at);
        const qsizetype end = feed < 0 ? text.size() : feed;
        const QByteArray line = text.sliced(at, end - at);
        if (line.startsWith("=== ")) {
            finish();
            title = line.sliced(4);
        } else {
            content += line + '\n';
        }
        at = end + 1;
    }
    finish();
    return bundle;
}

} // namespace skillbox::test
