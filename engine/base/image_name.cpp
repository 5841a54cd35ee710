#include "engine/base/image_name.h"

#include <QRegularExpression>

using namespace Qt::StringLiterals;

namespace skillbox {

bool isImageName(const QString &text)
{
    static const QRegularExpression reference(
        u"\\A(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?/)?"
        "[a-z0-9]+(?:(?:\\.|__?|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|__?|-+)[a-z0-9]+)*)*"
        "(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?\\z"_s);
    return text.size() <= 512 && reference.match(text).hasMatch();
}

} // namespace skillbox
