#include "app/desktop/preview/hex_viewer.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qint64 searchedAtOnce = 4 << 20;

/// The next place of `bytes` from `start` on, and around; -1: nowhere.
qint64 findBytes(const RandomFile &file, const QByteArray &bytes, qint64 start,
                 const std::stop_token &stop)
{
    const auto search = [&](qint64 from, qint64 to) -> qint64 {
        for (qint64 at = from; at < to && !stop.stop_requested(); at += searchedAtOnce) {
            const QByteArray piece = file.read(at, searchedAtOnce + bytes.size() - 1);
            const qsizetype found = piece.indexOf(bytes);
            if (found >= 0)
                return at + found;
        }
        return -1;
    };
    const qint64 after = search(start, file.size());
    return after >= 0 ? after : search(0, qMin(file.size(), start + bytes.size()));
}

} // namespace

HexViewer::HexViewer(QWidget *parent)
    : Viewer(parent)
    , m_view(new HexView)
    , m_tools(new QWidget(this))
    , m_position(new QLabel)
    , m_field(new QLineEdit)
{
    m_tools->hide();
    m_view->setObjectName("preview.hex"_L1);
    m_view->setAccessibleName(tr("Bytes"));
    m_position->setProperty("textRole", u"muted"_s);
    m_position->setObjectName("preview.hexPosition"_L1);
    m_field->setObjectName("preview.hexGo"_L1);
    m_field->setPlaceholderText(tr("Offset, \"text\" or bytes"));
    m_field->setToolTip(
        tr("An offset (500, 0x1f4) to go to; \"text\" or bytes (de ad be ef) to find"));
    m_field->setAccessibleName(tr("Offset, text or bytes to go to"));
    m_field->setMaximumWidth(240);
    auto *row = new QHBoxLayout(m_tools);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_position);
    row->addWidget(m_field);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_view);
    connect(m_field, &QLineEdit::returnPressed, this, &HexViewer::go);
    connect(m_view, &HexView::positionChanged, this, &HexViewer::showPosition);
}

void HexViewer::open(const SharedFile &file, const QString &)
{
    m_searching.cancel();
    m_file = file;
    m_view->setFile(file);
    showPosition(0);
    Q_EMIT opened();
    Q_EMIT noted(file->size() == 0 ? tr("The file is empty.") : QString());
}

void HexViewer::close()
{
    m_searching.cancel();
    m_file.reset();
    m_view->setFile({});
}

HexViewer::Wanted HexViewer::parseWanted(const QString &typed)
{
    const QString text = typed.trimmed();
    if (text.size() > 1 && text.startsWith(u'"'))
        return {
            -1,
            text.mid(1, text.endsWith(u'"') && text.size() > 2 ? text.size() - 2 : -1).toUtf8()};
    bool isNumber = false;
    const qint64 offset = text.startsWith("0x"_L1, Qt::CaseInsensitive)
        ? text.mid(2).toLongLong(&isNumber, 16)
        : text.toLongLong(&isNumber);
    if (isNumber && offset >= 0)
        return {offset, {}};
    QString digits = text;
    digits.remove(u' ');
    const bool isHex = !digits.isEmpty() && digits.size() % 2 == 0
        && std::all_of(digits.begin(), digits.end(), [](QChar c) {
               return (c >= u'0' && c <= u'9') || (c.toLower() >= u'a' && c.toLower() <= u'f');
           });
    return {-1, isHex ? QByteArray::fromHex(digits.toLatin1()) : text.toUtf8()};
}

void HexViewer::go()
{
    const Wanted wanted = parseWanted(m_field->text());
    if (!m_file || (wanted.offset < 0 && wanted.bytes.isEmpty()))
        return;
    if (wanted.offset >= 0) {
        Q_EMIT noted(wanted.offset < m_file->size()
                         ? QString()
                         : tr("The file ends before, at %L1.").arg(m_file->size()));
        m_view->setPosition(wanted.offset);
        return;
    }
    const qint64 start = m_view->selectionStart() + (m_view->selectionLength() > 1 ? 1 : 0);
    m_searching.start(
        this,
        [file = m_file, bytes = wanted.bytes, start](const std::stop_token &stop) {
            return findBytes(*file, bytes, start, stop);
        },
        [this, length = wanted.bytes.size()](qint64 found) {
            Q_EMIT noted(found < 0 ? tr("These bytes were not found.") : QString());
            if (found >= 0)
                m_view->select(found, length);
        });
}

void HexViewer::showPosition(qint64 offset)
{
    m_position->setText(
        u"0x%1 · %2"_s.arg(offset, 0, 16).arg(tr("%L1 bytes").arg(m_file ? m_file->size() : 0)));
}

void HexViewer::applyTheme(const Theme &theme)
{
    m_view->applyTheme(theme);
}

} // namespace skillbox
