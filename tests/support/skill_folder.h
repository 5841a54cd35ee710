#pragma once

#include "tests/support/tree_fixture.h"

namespace skillbox::test {

/// A small skill that the checker has nothing against.
struct SkillFolder {
    QString name = QStringLiteral("word-counter");
    QString version = QStringLiteral("1.0.0");
    QString description = QStringLiteral("Counts the words of a text. Use when a text is long.");
    QByteArray header = {}; ///< more lines of front matter
    QByteArray script = "print('counted')\n";
    QMap<QString, QByteArray> files = {}; ///< others, by path

    /// Writes it as `parent/<name>`, over what is there; the folder's path.
    QString write(const QString &parent) const
    {
        const QString folder = parent + QLatin1Char('/') + name;
        QDir(folder).removeRecursively();
        writeFile(folder + QStringLiteral("/SKILL.md"),
                  "---\nname: " + name.toUtf8() + "\ndescription: " + description.toUtf8()
                      + "\nversion: " + version.toUtf8() + '\n' + header
                      + "---\n# Counting\nGive it a text.\n");
        if (!script.isEmpty())
            writeFile(folder + QStringLiteral("/main.py"), script);
        for (auto it = files.cbegin(); it != files.cend(); ++it)
            writeFile(folder + QLatin1Char('/') + it.key(), it.value());
        return folder;
    }
};

} // namespace skillbox::test
