package dev.weir.jobs;

import java.lang.annotation.Annotation;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs one test without parameters, or all of a class ({@code class#*}), and says by its exit code whether it failed. */
final class Bite {
    static final int CAUGHT = 7;

    private Bite() {}

    public static void main(String[] arguments) throws Exception {
        String[] words = arguments[0].split("#", -1);
        Class<?> type = Class.forName(words[0]);
        each(type, null, BeforeAll.class);
        int code = 0;
        for (Method method : type.getDeclaredMethods()) {
            boolean meant = method.getName().equals(words[1]) || words[1].equals("*");
            if (meant && method.isAnnotationPresent(Test.class) && method.getParameterCount() == 0) {
                code = Math.max(code, run(type, method));
            }
        }
        each(type, null, AfterAll.class);
        System.exit(code);
    }

    private static int run(Class<?> type, Method method) throws ReflectiveOperationException {
        Constructor<?> constructor = type.getDeclaredConstructor();
        constructor.setAccessible(true);
        Object test = constructor.newInstance();
        each(type, test, BeforeEach.class);
        try {
            method.setAccessible(true);
            method.invoke(test);
            System.out.println(method.getName() + " passed");
            return 0;
        } catch (InvocationTargetException failed) {
            System.out.println(method.getName() + " failed: " + failed.getCause());
            return CAUGHT;
        }
    }

    private static void each(
            Class<?> type, @org.jspecify.annotations.Nullable Object test, Class<? extends Annotation> when)
            throws ReflectiveOperationException {
        for (Method method : type.getDeclaredMethods()) {
            if (method.isAnnotationPresent(when)) {
                method.setAccessible(true);
                method.invoke(test);
            }
        }
    }
}
