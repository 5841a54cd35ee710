#include "engine/skill/digest.h"

#include "engine/base/sha256.h"

#include <algorithm>

namespace skillbox {

using namespace Qt::StringLiterals;

void sortByPath(QList<PackedFile> &files)
{
    std::sort(files.begin(), files.end(), [](const PackedFile &a, const PackedFile &b) {
        return a.path.toUtf8() < b.path.toUtf8();
    });
}

QString treeDigest(QList<PackedFile> files)
{
    sortByPath(files);
    Sha256 hash;
    hash.add("skillbox-tree-v1\n");
    for (const PackedFile &file : files) {
        QByteArray line = file.path.toUtf8();
        line += '\0';
        line += file.executable ? 'x' : '-';
        line += '\0';
        line += QByteArray::number(file.size);
        line += '\0';
        line += file.sha256.toLatin1();
        line += '\n';
        hash.add(line);
    }
    return u"sha256:"_s + hash.finish();
}

} // namespace skillbox
