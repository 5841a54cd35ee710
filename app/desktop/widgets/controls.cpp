#include "app/desktop/widgets/controls.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QPointer>
#include <QStyle>
#include <QTimer>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {

QLabel *textLabel(const QString &text, const QString &role)
{
    auto *label = new QLabel(text);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    if (!role.isEmpty())
        label->setProperty("textRole", role);
    return label;
}

QLabel *badgeLabel(const QString &text, const QString &kind)
{
    auto *label = new QLabel(text);
    label->setTextFormat(Qt::PlainText);
    label->setProperty("badge", kind);
    label->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    return label;
}

void setBadge(QLabel &label, const QString &text, const QString &kind)
{
    label.setText(text);
    if (label.property("badge").toString() == kind)
        return;
    label.setProperty("badge", kind);
    label.style()->unpolish(&label);
    label.style()->polish(&label);
}

QFrame *card(const QString &heading, const QString &explanation, QLayout *&column)
{
    auto *frame = new QFrame;
    frame->setProperty("surface", u"card"_s);
    auto *box = new QVBoxLayout(frame);
    box->setContentsMargins(20, 16, 20, 20);
    box->setSpacing(8);
    if (!heading.isEmpty())
        box->addWidget(textLabel(heading, u"heading"_s));
    if (!explanation.isEmpty())
        box->addWidget(textLabel(explanation, u"muted"_s));
    column = box;
    return frame;
}

QString plainToolTip(const QString &text)
{
    return text.isEmpty()
        ? QString()
        : u"<p style='white-space:pre-wrap'>"_s + text.toHtmlEscaped() + u"</p>"_s;
}

void setPlainToolTip(QWidget &widget, const QString &text)
{
    widget.setToolTip(plainToolTip(text));
    widget.setAccessibleDescription(text);
}

QToolButton *iconButton(const QString &name, const QString &title)
{
    auto *button = new QToolButton;
    button->setObjectName(name);
    button->setToolTip(title);
    button->setAccessibleName(title);
    button->setFocusPolicy(Qt::TabFocus);
    return button;
}

QPushButton *copyButton(const QString &title, std::function<QString()> text)
{
    auto *button = new QPushButton(title);
    QObject::connect(
        button, &QPushButton::clicked, button, [button, title, text = std::move(text)] {
            QGuiApplication::clipboard()->setText(text());
            button->setText(QObject::tr("Copied"));
            QTimer::singleShot(1500ms, button, [button, title] { button->setText(title); });
        });
    return button;
}

} // namespace skillbox
