#include "app/cli/junit_report.h"

#include <QMap>
#include <QXmlStreamWriter>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// XML 1.0, section 2.2.
QString xmlText(const QString &text)
{
    QString safe;
    for (const QChar c : text) {
        const bool isControl = c.unicode() < 0x20 && c != u'\n' && c != u'\t';
        const bool isNoCharacter = c.unicode() == 0xFFFE || c.unicode() == 0xFFFF
            || c.isSurrogate();
        safe += isControl || isNoCharacter ? QChar(QChar::ReplacementCharacter) : c;
    }
    return safe;
}

QString seconds(std::chrono::milliseconds duration)
{
    return QString::number(double(duration.count()) / 1000, 'f', 3);
}

} // namespace

QByteArray junitReport(const QList<CaseResult> &results)
{
    QMap<QString, QList<CaseResult>> suites;
    for (const CaseResult &result : results)
        suites[result.skill] += result;
    QByteArray text;
    QXmlStreamWriter xml(&text);
    xml.setAutoFormatting(true);
    xml.writeStartDocument();
    xml.writeStartElement(u"testsuites"_s);
    for (auto it = suites.cbegin(); it != suites.cend(); ++it) {
        const auto failures = std::count_if(it->cbegin(), it->cend(), [](const CaseResult &result) {
            return !result.problems.isEmpty();
        });
        std::chrono::milliseconds total{};
        for (const CaseResult &result : *it)
            total += result.duration;
        xml.writeStartElement(u"testsuite"_s);
        xml.writeAttribute(u"name"_s, xmlText(it.key()));
        xml.writeAttribute(u"tests"_s, QString::number(it->size()));
        xml.writeAttribute(u"failures"_s, QString::number(failures));
        xml.writeAttribute(u"errors"_s, u"0"_s);
        xml.writeAttribute(u"time"_s, seconds(total));
        for (const CaseResult &result : *it) {
            xml.writeStartElement(u"testcase"_s);
            xml.writeAttribute(u"classname"_s, xmlText(result.skill));
            xml.writeAttribute(u"name"_s, xmlText(result.name));
            xml.writeAttribute(u"time"_s, seconds(result.duration));
            if (!result.problems.isEmpty()) {
                xml.writeStartElement(u"failure"_s);
                xml.writeAttribute(u"message"_s,
                                   xmlText(result.problems.constFirst().section(u'\n', 0, 0)));
                xml.writeCharacters(xmlText(result.problems.join(u'\n')));
                xml.writeEndElement();
            }
            xml.writeEndElement();
        }
        xml.writeEndElement();
    }
    xml.writeEndElement();
    xml.writeEndDocument();
    return text;
}

} // namespace skillbox
