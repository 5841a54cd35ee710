#pragma once

#include "app/desktop/theme/theme.h"

#include <QFrame>
#include <QLabel>
#include <QLineEdit>
#include <QRegularExpression>
#include <QTimer>
#include <QToolButton>

namespace skillbox {

class CodeView;

/// Find and, where the text can be changed, replace; at the upper edge of a CodeView.
class FindBar : public QFrame
{
    Q_OBJECT

public:
    explicit FindBar(CodeView &view);
    void open(bool replace);
    void close();
    void applyTheme(const Theme &theme);
    /// Another text: counts again.
    void textChanged();

    void findNext() { find(1); }
    void findPrevious() { find(-1); }
    void replaceOne();
    void replaceAll();

protected:
    /// What a field does not use must not reach the text behind.
    void keyPressEvent(QKeyEvent *event) override;

public:
    /// More are not counted.
    static constexpr int mostCounted = 9999;

private:
    void find(int direction);
    void changed();
    void count();
    QRegularExpression pattern() const;
    QString replacementFor(const QRegularExpressionMatch &match) const;

    CodeView &m_view;
    QLineEdit *m_field;
    QToolButton *m_case;
    QToolButton *m_word;
    QToolButton *m_regex;
    QLabel *m_count;
    QWidget *m_replaceRow;
    QLineEdit *m_replacement;
    QToolButton *m_previous;
    QToolButton *m_next;
    QToolButton *m_close;
    QRegularExpression m_pattern;
    QTimer m_countDelay;
    int m_anchor = 0; ///< where the search began, so that typing on does not walk away
};

} // namespace skillbox
