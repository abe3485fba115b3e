//! A lab's life: it is lent clean, lives side by side with others, and leaves nothing behind.

mod lifecycle {
    mod killed;
    mod lent;
    mod pool;
    mod saved;
    mod settings;
    mod standing;
    mod untouched;
}
