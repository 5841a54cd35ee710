#include "app/desktop/preview/json_viewer.h"

#include "app/desktop/widgets/controls.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLocale>
#include <QMenu>
#include <QVBoxLayout>

#include <algorithm>
#include <cstring>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype loweredAtOnce = 1 << 20;

QByteArray lowerAscii(QByteArray bytes)
{
    for (char &c : bytes) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c + ('a' - 'A'));
    }
    return bytes;
}

/// How a text stands in JSON, without the quotes.
QByteArray escaped(const QString &text)
{
    const QByteArray json = QJsonDocument(QJsonArray{text}).toJson(QJsonDocument::Compact);
    return json.mid(2, json.size() - 4);
}

/// The next place of `part` (lower case) after `from`, and around; -1: nowhere.
qint64 findText(const QByteArray &text, const QByteArray &part, qint64 from,
                const std::stop_token &stop)
{
    const auto search = [&](qint64 begin, qint64 end) -> qint64 {
        for (qint64 at = begin; at < end && !stop.stop_requested(); at += loweredAtOnce) {
            const qsizetype found = lowerAscii(text.mid(at, loweredAtOnce + part.size() - 1))
                                        .indexOf(part);
            if (found >= 0)
                return at + found;
        }
        return -1;
    };
    const qint64 after = search(from, text.size());
    return after >= 0 ? after : search(0, qMin<qint64>(from + part.size(), text.size()));
}

} // namespace

JsonViewer::JsonViewer(QWidget *parent)
    : Viewer(parent)
    , m_tree(new QTreeView)
    , m_tools(new QWidget(this))
    , m_find(new QLineEdit)
    , m_pointer(new QLabel)
{
    m_tools->hide();
    m_tree->setObjectName("preview.json"_L1);
    m_tree->setAccessibleName(tr("JSON tree"));
    m_tree->setModel(&m_model);
    m_tree->setUniformRowHeights(true);
    m_tree->setContextMenuPolicy(Qt::CustomContextMenu);
    m_tree->header()->resizeSection(0, 260);
    m_find->setObjectName("preview.jsonFind"_L1);
    m_find->setPlaceholderText(tr("Find a name or value"));
    m_find->setAccessibleName(tr("Find a name or value"));
    m_find->setClearButtonEnabled(true);
    m_find->setMaximumWidth(280);
    auto *tools = new QHBoxLayout(m_tools);
    tools->setContentsMargins(0, 0, 0, 0);
    tools->addStretch(1);
    tools->addWidget(m_find, 1);

    m_pointer->setObjectName("preview.pointer"_L1);
    m_pointer->setProperty("textRole", u"muted"_s);
    m_pointer->setTextFormat(Qt::PlainText);
    m_pointer->setContentsMargins(16, 6, 16, 6);
    m_pointer->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    m_pointer->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_tree, 1);
    column->addWidget(m_pointer);

    connect(m_find, &QLineEdit::returnPressed, this, &JsonViewer::find);
    connect(m_tree, &QWidget::customContextMenuRequested, this, &JsonViewer::showMenu);
    connect(m_tree->selectionModel(), &QItemSelectionModel::currentChanged, this,
            [this](const QModelIndex &index) {
                const QString pointer = m_model.pointer(index.siblingAtColumn(0));
                m_pointer->setText(pointer.isEmpty() ? tr("the whole document") : pointer);
                setPlainToolTip(*m_pointer, pointer);
            });
    auto *copy = new QAction(tr("Copy value"), this);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, &JsonViewer::copyValue);
    m_tree->addAction(copy);
}

void JsonViewer::open(const SharedFile &file, const QString &)
{
    close();
    if (file->size() > mostBytes) {
        Q_EMIT failed(tr("It is larger than %1.").arg(QLocale().formattedDataSize(mostBytes)));
        return;
    }
    m_loading.start(
        this,
        [file](const std::stop_token &) -> Result<JsonText> {
            QByteArray bytes = file->read(0, mostBytes);
            if (bytes.startsWith("\xef\xbb\xbf"))
                bytes.remove(0, 3);
            return JsonText::parse(bytes);
        },
        [this](const Result<JsonText> &json) { showText(json); });
}

void JsonViewer::close()
{
    m_loading.cancel();
    m_searching.cancel();
    m_model.setText({});
    m_pointer->clear();
    m_foundAt = -1;
    m_searched.clear();
}

void JsonViewer::showText(const Result<JsonText> &json)
{
    if (!json) {
        Q_EMIT failed(tr("It is not valid JSON: %1.").arg(json.error().message));
        return;
    }
    m_model.setText(json->bytes());
    const QModelIndex document = m_model.index(0, 0);
    m_tree->expand(document);
    m_tree->setCurrentIndex(document);
    Q_EMIT opened();
    Q_EMIT noted({});
}

void JsonViewer::find()
{
    const QString text = m_find->text();
    if (text.isEmpty())
        return;
    const qint64 from = text == m_searched ? m_foundAt + 1 : 0;
    m_searched = text;
    m_searching.start(
        this,
        [json = m_model.text(), part = lowerAscii(escaped(text)),
         from](const std::stop_token &stop) { return findText(json, part, from, stop); },
        [this](qint64 found) {
            m_foundAt = found;
            Q_EMIT noted(found < 0 ? tr("“%1” was not found.").arg(m_searched) : QString());
            if (found < 0)
                return;
            m_model.locate(found, [this](const QModelIndex &index) {
                for (QModelIndex above = index.parent(); above.isValid(); above = above.parent())
                    m_tree->expand(above);
                m_tree->setCurrentIndex(index);
                m_tree->scrollTo(index, QAbstractItemView::PositionAtCenter);
            });
        });
}

void JsonViewer::copyPointer()
{
    QApplication::clipboard()->setText(m_model.pointer(m_tree->currentIndex().siblingAtColumn(0)));
}

void JsonViewer::copyValue()
{
    QApplication::clipboard()->setText(m_model.value(m_tree->currentIndex().siblingAtColumn(0)));
}

void JsonViewer::showMenu(const QPoint &place)
{
    if (!m_tree->currentIndex().isValid())
        return;
    QMenu menu(m_tree);
    connect(menu.addAction(tr("Copy value")), &QAction::triggered, this, &JsonViewer::copyValue);
    connect(menu.addAction(tr("Copy JSON pointer")), &QAction::triggered, this,
            &JsonViewer::copyPointer);
    menu.exec(m_tree->viewport()->mapToGlobal(place));
}

void JsonViewer::applyTheme(const Theme &)
{
    m_tree->viewport()->update();
}

} // namespace skillbox
